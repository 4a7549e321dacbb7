"""Job queues on Amazon SQS, or any endpoint that speaks its JSON protocol."""
