"""What adapters of AWS services share: signed requests over kept-alive connections, with credentials that renew themselves."""
