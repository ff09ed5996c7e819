"""Words on the screen: escaping, the glossary, numbers; knows no session and no chart."""
