"""Rasa's custom actions: what 小枫 does between a message and its answer. The desk is known over HTTP only."""
