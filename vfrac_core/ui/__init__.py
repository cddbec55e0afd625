"""The app: pages, the reading desk, routes. Parses, calls one core function, presents. The only place with gradio."""
