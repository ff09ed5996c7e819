"""Sentences that no count knows, and what the network makes of them."""
