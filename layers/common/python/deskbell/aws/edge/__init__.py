"""The edges: where events become requests, and refusals become answers; nothing else knows either form."""
