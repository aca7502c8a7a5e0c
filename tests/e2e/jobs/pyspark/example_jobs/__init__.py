"""Jobs with the names and the requests of Spark Job Server's Python examples."""
