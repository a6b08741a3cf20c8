"""What schemathesis must know to send configuration files: their media type is text to it."""

import schemathesis

schemathesis.serializer.alias("application/toml", "text/plain")
