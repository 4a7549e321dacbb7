"""Models behind the HTTP protocol of OpenAI (https://platform.openai.com/docs/api-reference), which many servers speak."""
