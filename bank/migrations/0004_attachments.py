"""What an event is about and too large to say (decision 0009)."""

from django.db import migrations

TABLE = """
create table bank_attachment (
    digest text    not null,  -- SHA-256 over the sealed parts; the event names it
    part   integer not null,
    body   text    not null,  -- sealed
    primary key (digest, part)
);

create trigger bank_attachment_append_only before update or delete or truncate on bank_attachment
    for each statement execute function bank_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("bank", "0003_sagas")]

    operations = [migrations.RunSQL(TABLE, "drop table bank_attachment")]
