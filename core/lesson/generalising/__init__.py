"""Chapter 14: sentences that no count knows, and what the network makes of them."""
