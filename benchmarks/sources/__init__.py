"""How well the declarations read real logs: precision and recall against a truth written by eye."""
