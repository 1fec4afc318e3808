"""The console shows commands newest first, and those that were refused apart. Most are applied: they need no second
index, and what they pay for the first is little, because times only grow."""

from django.db import migrations

INDEXES = """
create index if not exists bank_command_time on bank_command (recorded_at);
create index if not exists bank_command_otherwise on bank_command (outcome, recorded_at) where outcome <> 'applied';
"""


class Migration(migrations.Migration):
    dependencies = [("bank", "0001_kernel")]

    operations = [
        migrations.RunSQL(INDEXES, "drop index bank_command_time; drop index bank_command_otherwise"),
    ]
