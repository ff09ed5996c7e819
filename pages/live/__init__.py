"""What streams: frames, moments and the sockets that send them; knows no session."""
