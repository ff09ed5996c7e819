"""Figures of Plotly; each is made of records alone and knows no page."""
