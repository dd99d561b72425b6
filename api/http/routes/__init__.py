"""The API's endpoints, a small router for each noun; each endpoint goes through the desk."""
