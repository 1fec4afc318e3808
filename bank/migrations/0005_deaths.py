"""Listeners that ended early, messages that are being tried, and those that ended who tried them (decision 0055)."""

from django.db import migrations, models

TABLES = """
create table bank_start (
    queue text    primary key,
    early integer not null
);
create table bank_tried (
    consumer text    not null,
    source   text    not null,
    stream   text    not null,
    version  integer not null,
    times    integer not null default 1,
    primary key (consumer, source, stream, version)
);
alter table bank_parked add column deadly boolean not null default false;
"""
BACK = """
alter table bank_parked drop column deadly;
drop table bank_tried;
drop table bank_start;
"""


class Migration(migrations.Migration):
    dependencies = [("bank", "0004_attachments")]

    operations = [
        migrations.RunSQL(TABLES, BACK),
        migrations.AddField("ParkedMessage", "deadly", models.BooleanField(default=False), preserve_default=False),
    ]
