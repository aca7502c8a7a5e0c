"""The API of Spark Job Server's Python jobs, which run unchanged on Hearth."""
