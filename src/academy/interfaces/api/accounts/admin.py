"""Users and memberships in Django's admin."""

from typing import ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from academy.interfaces.api.accounts.models import Membership, User

__all__ = ["PeopleAdmin"]


class NewUserForm(AdminUserCreationForm[User]):
    """A name and a password, twice."""

    class Meta:
        """Which model."""

        model = User
        fields = ("username", "name")


class ChangeUserForm(UserChangeForm[User]):
    """Everything but the password."""

    class Meta:
        """Which model."""

        model = User
        fields = "__all__"


class MembershipInline(admin.TabularInline[Membership, User]):
    """What a user is in each academy."""

    model = Membership
    extra = 1


@admin.register(User)
class PeopleAdmin(UserAdmin):
    """Users with their memberships."""

    form = ChangeUserForm
    add_form = NewUserForm
    inlines = (MembershipInline,)
    list_display = ("username", "name", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "name")
    ordering = ("username",)
    fieldsets = (
        (None, {"fields": ("username", "password", "name")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login",)}),
    )
    add_fieldsets: ClassVar = (
        (None, {"fields": ("username", "name", "usable_password", "password1", "password2")}),
    )
