"""The Datasette plugin with its templates and pages."""
