from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0047_signs_of_workers")]
    operations = [
        migrations.AlterField(
            model_name="accountproblem",
            name="kind",
            field=models.CharField(
                choices=[
                    ("transform", "A value cannot be calculated"),
                    ("value", "A value cannot be taken"),
                    ("missing", "There is no user name"),
                    ("collision", "Non-unique username"),
                    ("name_collision", "Non-unique name of a service account"),
                    ("protected", "The identity is protected"),
                    ("manager", "The manager is not found"),
                    ("own_manager", "They would manage themselves"),
                    ("manager_by_hand", "Their manager is set by hand"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="levelassignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("level", "owner")), fields=("level",), name="one_owner"
            ),
        ),
    ]
