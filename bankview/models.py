"""The view's tables as Django sees them, for admin pages. The fold and the API speak SQL.

People see the live generation alone, where a customer and a process are one row each: their ids stand in for the
composite keys, which Django's admin does not handle.
"""

from django.db import models


class CustomerBankView(models.Model):
    customer_id = models.TextField(primary_key=True)
    generation = models.SmallIntegerField()
    revision = models.BigIntegerField()
    mobile_number = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "bankview_customer"
        managed = False
        verbose_name = "customer bank view"

    def __str__(self) -> str:
        return self.customer_id


class Part(models.Model):
    pk = models.CompositePrimaryKey("generation", "customer_id", "part", "id")
    generation = models.SmallIntegerField()
    customer_id = models.TextField()
    part = models.TextField()
    id = models.TextField()
    version = models.IntegerField()
    shown_by = models.DateTimeField()
    state = models.TextField()
    document = models.TextField()

    class Meta:
        db_table = "bankview_part"
        managed = False

    def __str__(self) -> str:
        return f"{self.part} {self.id}"


class Activity(models.Model):
    pk = models.CompositePrimaryKey("generation", "customer_id", "time", "stream", "version")
    generation = models.SmallIntegerField()
    customer_id = models.TextField()
    time = models.DateTimeField()
    stream = models.TextField()
    version = models.IntegerField()
    kind = models.TextField()
    text = models.TextField()

    class Meta:
        db_table = "bankview_activity"
        managed = False
        verbose_name_plural = "activities"

    def __str__(self) -> str:
        return self.text


class Process(models.Model):
    id = models.TextField(primary_key=True)
    generation = models.SmallIntegerField()
    name = models.TextField()
    correlation_id = models.UUIDField(null=True)
    customer_id = models.TextField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    deadline = models.DateTimeField(null=True)
    outcome = models.TextField()
    turned_version = models.IntegerField()
    heard_at = models.DateTimeField()

    class Meta:
        db_table = "bankview_process"
        managed = False
        verbose_name_plural = "processes"

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class ProcessStep(models.Model):
    pk = models.CompositePrimaryKey("generation", "process_id", "stream", "version")
    generation = models.SmallIntegerField()
    process_id = models.TextField()
    stream = models.TextField()
    version = models.IntegerField()
    type = models.TextField()
    time = models.DateTimeField()
    actor = models.TextField()
    detail = models.TextField()

    class Meta:
        db_table = "bankview_process_step"
        managed = False

    def __str__(self) -> str:
        return f"{self.type} {self.stream}@{self.version}"
