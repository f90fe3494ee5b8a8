"""Images: composed and rendered."""
