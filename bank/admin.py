"""What Django's admin finds here by itself: its first page. The console's pages are the contexts'."""

from django.contrib import admin

admin.site.index_template = "bank/dashboard.html"
admin.site.index_title = "Where the bank stands"
