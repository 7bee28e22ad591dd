"""Findings drawn: the only place here with Altair, loaded when somebody asks for a chart."""
