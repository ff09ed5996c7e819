"""What one visitor has: session, browser, workspace, bounds; knows no page and no chart."""
