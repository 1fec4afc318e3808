"""What is told of the events: asynchronous projections and their generations, and the rebuilding of all of them."""
