"""What moves while a run goes: the stream, its frames, and the browser's side."""
