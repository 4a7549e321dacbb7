"""Users and memberships in Django's admin."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from academy.interfaces.api.accounts.models import Membership, User

__all__ = ["PeopleAdmin"]

if TYPE_CHECKING:
    # Generic only in the stubs.
    _CreationForm = AdminUserCreationForm[User]
    _ChangeForm = UserChangeForm[User]
    _Inline = admin.TabularInline[Membership, User]
    _Admin = UserAdmin[User]
else:
    _CreationForm, _ChangeForm, _Inline, _Admin = (
        AdminUserCreationForm,
        UserChangeForm,
        admin.TabularInline,
        UserAdmin,
    )


class NewUserForm(_CreationForm):
    """A name and a password, twice."""

    class Meta:
        """Which model."""

        model = User
        fields = ("username", "name")


class ChangeUserForm(_ChangeForm):
    """Everything but the password."""

    class Meta:
        """Which model."""

        model = User
        fields = "__all__"


class MembershipInline(_Inline):
    """What a user is in each academy."""

    model = Membership
    extra = 1


@admin.register(User)
class PeopleAdmin(_Admin):
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
    add_fieldsets = ((None, {"fields": ("username", "name", "usable_password", "password1", "password2")}),)
