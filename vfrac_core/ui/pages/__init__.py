"""One module a page: Explore, Annotate, Library."""
