"""Tables, their formats, and the published numbers beside them."""
