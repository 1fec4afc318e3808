"""The kernel's tables as Django sees them, for admin pages and migrations. The kernel itself speaks SQL.

Every context's database has these tables, so a query must always say whose: `Event.objects.using("accounts")`.
Nothing here is managed by Django: `sql/tables.sql` makes the tables, and only it.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Event(models.Model):
    pk = models.CompositePrimaryKey("stream", "version")
    stream = models.TextField()
    version = models.IntegerField()
    type = models.TextField()
    data = models.TextField()
    metadata = models.TextField()
    recorded_at = models.DateTimeField()
    position = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "bank_event"
        managed = False

    def __str__(self) -> str:
        return f"{self.stream}@{self.version} {self.type}"


class Head(models.Model):
    stream = models.TextField(primary_key=True)
    version = models.IntegerField()
    hash = models.BinaryField()
    state = models.TextField()
    state_version = models.IntegerField()

    class Meta:
        db_table = "bank_head"
        managed = False

    def __str__(self) -> str:
        return f"{self.stream}@{self.version}"


class Snapshot(models.Model):
    pk = models.CompositePrimaryKey("stream", "version")
    stream = models.TextField()
    version = models.IntegerField()
    state = models.TextField()
    state_version = models.IntegerField()

    class Meta:
        db_table = "bank_snapshot"
        managed = False

    def __str__(self) -> str:
        return f"{self.stream}@{self.version}"


class CommandRow(models.Model):
    id = models.UUIDField(primary_key=True)
    fingerprint = models.BinaryField()
    outcome = models.TextField()
    code = models.TextField()
    reason = models.TextField()
    streams = ArrayField(models.TextField())
    versions = ArrayField(models.IntegerField())
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "bank_command"
        managed = False

    def __str__(self) -> str:
        return f"{self.id} {self.outcome}"


class SubjectKey(models.Model):
    customer_id = models.TextField(primary_key=True)
    master_key = models.TextField()
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bank_subject_key"
        managed = False

    def __str__(self) -> str:
        return self.customer_id


class Epoch(models.Model):
    id = models.BooleanField(primary_key=True)
    epoch = models.IntegerField()

    class Meta:
        db_table = "bank_epoch"
        managed = False

    def __str__(self) -> str:
        return str(self.epoch)


class OutboxMessage(models.Model):
    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField()
    lane = models.SmallIntegerField()
    aggregatetype = models.TextField()
    aggregateid = models.TextField()
    type = models.TextField()
    payload = models.TextField()
    attempts = models.SmallIntegerField()
    retry_at = models.DateTimeField(null=True)
    blocked_at = models.DateTimeField(null=True)
    error = models.TextField()

    class Meta:
        db_table = "bank_outbox"
        managed = False
        verbose_name = "outbox message"

    def __str__(self) -> str:
        return f"{self.aggregateid} {self.type}"


class FeedCursor(models.Model):
    pk = models.CompositePrimaryKey("consumer", "source")
    consumer = models.TextField()
    source = models.TextField()
    epoch = models.IntegerField()
    position = models.BigIntegerField()
    stopped = models.TextField()

    class Meta:
        db_table = "bank_cursor"
        managed = False

    def __str__(self) -> str:
        return f"{self.consumer} ← {self.source}: {self.position}"


class ParkedMessage(models.Model):
    id = models.BigAutoField(primary_key=True)
    consumer = models.TextField()
    source = models.TextField()
    stream = models.TextField()
    version = models.IntegerField()
    message_id = models.UUIDField()
    type = models.TextField()
    customer_id = models.TextField(null=True)
    message = models.TextField()
    error = models.TextField()
    attempts = models.IntegerField()
    parked_at = models.DateTimeField()
    retry_at = models.DateTimeField()
    deadly = models.BooleanField()

    class Meta:
        db_table = "bank_parked"
        managed = False
        verbose_name = "parked message"

    def __str__(self) -> str:
        return f"{self.consumer}: {self.source} {self.stream}@{self.version}"


class Projection(models.Model):
    name = models.TextField(primary_key=True)
    live = models.SmallIntegerField()
    shadow = models.SmallIntegerField(null=True)
    previous = models.SmallIntegerField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "bank_projection"
        managed = False

    def __str__(self) -> str:
        return f"{self.name}: generation {self.live}"


class Seen(models.Model):
    pk = models.CompositePrimaryKey("projection", "generation", "source", "stream")
    projection = models.TextField()
    generation = models.SmallIntegerField()
    source = models.TextField()
    stream = models.TextField()
    version = models.IntegerField()

    class Meta:
        db_table = "bank_seen"
        managed = False

    def __str__(self) -> str:
        return f"{self.stream}@{self.version}"


class RebuildCursor(models.Model):
    pk = models.CompositePrimaryKey("projection", "generation", "source", "shard")
    projection = models.TextField()
    generation = models.SmallIntegerField()
    source = models.TextField()
    shard = models.TextField()
    position = models.BigIntegerField()

    class Meta:
        db_table = "bank_rebuild"
        managed = False

    def __str__(self) -> str:
        return f"{self.projection}/{self.generation} {self.source} {self.shard}"


class SagaRow(models.Model):
    """`due_at`: when the sweep looks at it again. `overdue_at`: until when it should have ended; null once it has."""

    id = models.TextField(primary_key=True)
    name = models.TextField()
    customer_id = models.TextField()
    status = models.TextField()
    step = models.TextField()
    participant = models.TextField()
    awaited = models.UUIDField(null=True)
    turn = models.IntegerField()
    code = models.TextField()
    proposed = models.TextField()
    proposed_by = models.TextField()
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bank_saga"
        managed = False

    def __str__(self) -> str:
        return f"{self.name}-{self.id}"
