from django.db import migrations

from bank import sql


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(sql.read("tables.sql"))]
