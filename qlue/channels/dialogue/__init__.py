"""Talking with somebody who has no app: pure functions, the same for SMS, WhatsApp and Telegram."""
