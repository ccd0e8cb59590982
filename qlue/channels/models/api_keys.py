"""Keys of the programs that may hand in reports."""

from django.db import models

from qlue.cities.models import City


class ApiKey(models.Model):
    """A program's key for one city. Only its SHA-256 is kept: the key is 256 random bits, so no salt is needed."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    name = models.CharField(max_length=80)
    hash = models.CharField(max_length=64)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("city", "hash"), name="channels_key_once"),
            models.UniqueConstraint(fields=("city", "name"), name="channels_key_name"),
        ]

    def __str__(self) -> str:
        return self.name
