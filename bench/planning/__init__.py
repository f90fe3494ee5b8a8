"""From a specification to planned trials."""
