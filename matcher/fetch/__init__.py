"""Bringing open data here: asking for it politely, checking it, and keeping the last good of it.

Nothing is read for its meaning here and nothing is ranked: what is fetched is read by
`matcher.sources`, and only once it is whole.
"""
