"""English words, and pieces of addresses and markup, that stand in texts of every subject: nothing is about them."""

__all__ = ["says_nothing"]

_WORDS = """
able according actually added almost already although always among amount amp another anyone anything
apart around aside away back became become becomes becoming began begin begins behind believe best better
beyond big bit came cannot certain certainly clear clearly com come comes coming completely considered
contain containing contains could couldn currently despite didn different doesn done due earlier early
easily easy either else enough entire especially etc even ever every everyone everything exactly example
except fact fairly far feel felt few finally find finding first five follow followed following follows
former forward found four full fully gave general generally get gets getting gif give given gives giving
go goes going gone good got great greater hadn half happen happened hard hardly hasn haven help hence
herself high highly himself however href img important include included includes including indeed instead
isn itself jpeg jpg keep keeps kept kind knew know known knows large larger last late later latter least
left less let lets like likely little long longer look looked looking looks lot lots low made main mainly
make makes making many matter maybe mean means merely mostly move much myself namely nbsp near nearly
necessary need needed needs neither never nevertheless new next nine nobody none nor nothing nowadays
number obviously off often ok old one ones onto org others otherwise ought ourselves particular
particularly past people perhaps place please png possible possibly present previous previously probably
provide provided provides put puts quite quot rather ready real really recent recently regarding related
relatively respectively right said saw say saying says second see seem seemed seems seen sent set several
shall short should shouldn show showed shown shows side significant similar simple simply since six small
somebody somehow someone something sometimes somewhat soon specific src still such sure take taken takes
taking tell ten than thank thanks themselves therefore thing things think third though thought three
throughout thus time times today together told took toward towards tried tries true try trying turn turned
two type types typically under unless unlike unlikely usually various versus via want wanted wants wasn
way ways well went weren whatever whenever whereas wherever whether whoever whole whose wide widely
willing within without won word words work worked working works worse worst would wouldn www yeah year
years yes yet yourself
tells told states stated turns uses used discovered proposed invented described wrote written landed
lasted invaded ruled met meets absorbs absorbed releases returned returns happens occurs occurred
"""
_SAYS_NOTHING = frozenset(_WORDS.split())


def says_nothing(word: str) -> bool:
    """Tell whether a word in lower case tells nothing of what a text is about."""
    return word in _SAYS_NOTHING
