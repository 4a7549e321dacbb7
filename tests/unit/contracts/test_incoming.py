"""What may arrive on a job queue: ours, what older producers send, and what nobody should."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.contracts.base import InvalidMessage
from academy.contracts.envelope import Envelope
from academy.contracts.incoming import Incoming, parse_incoming

ENVELOPE: dict[str, Any] = {
    "v": 1,
    "id": "01940000-0000-7000-8000-000000000001",
    "type": "video.transcode",
    "tenant_id": "daechi",
    "payload": {"video_id": "lecture-7", "file_key": "tenants/daechi/video/source/lecture-7.mp4"},
    "created_at": "2026-03-02T09:00:00+09:00",
    "idempotency_key": "upload-7",
}
JOB: dict[str, Any] = {
    "video_id": 7,
    "file_key": "uploads/7.mp4",
    "tenant_code": "daechi",
    "created_at": "2024-03-02T09:00:00",
    "attempt": 1,
}
DELETE: dict[str, Any] = {
    "action": "delete_r2",
    "tenant_id": 3,
    "video_id": 7,
    "file_key": "uploads/7.mp4",
    "hls_prefix": "hls/7/",
    "created_at": "2024-03-02T09:00:00",
}


def parse(message: dict[str, Any], **changed: Any) -> Incoming:
    return parse_incoming(json.dumps({**message, **changed}))


def refusal(body: str) -> str:
    with pytest.raises(InvalidMessage) as caught:
        parse_incoming(body)
    return caught.value.reason


def refused(message: dict[str, Any], **changed: Any) -> str:
    return refusal(json.dumps({**message, **changed}))


@pytest.mark.requirement("CON-1")
class TestEnvelope:
    def test_what_was_sent_is_what_arrives(self) -> None:
        message = parse(
            ENVELOPE, trace="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", reply_to="answers"
        )
        assert (message.id, message.type, message.tenant_id) == (ENVELOPE["id"], "video.transcode", "daechi")
        assert message.payload == ENVELOPE["payload"]
        assert message.idempotency_key == "upload-7"
        assert message.reply_to == "answers"
        assert message.trace.startswith("00-4bf9")
        assert not message.legacy

    def test_what_we_write_we_can_read(self) -> None:
        envelope = Envelope.model_validate(ENVELOPE)
        assert Envelope.model_validate_json(envelope.to_json()) == envelope
        assert parse_incoming(envelope.to_json()).payload == ENVELOPE["payload"]

    def test_an_envelope_does_not_change(self) -> None:
        envelope = Envelope.model_validate(ENVELOPE)
        with pytest.raises(ValueError, match="frozen"):
            envelope.tenant_id = "other"  # type: ignore[misc]

    @pytest.mark.parametrize("version", [0, 2, "1", True, 1.0, None, [1]])
    def test_another_version_is_refused(self, version: object) -> None:
        assert refused(ENVELOPE, v=version).startswith("v:")

    @pytest.mark.parametrize(
        "field", ["v", "id", "type", "tenant_id", "payload", "created_at", "idempotency_key"]
    )
    def test_a_missing_field_is_named(self, field: str) -> None:
        message = {name: value for name, value in ENVELOPE.items() if name != field}
        assert refusal(json.dumps(message)) == f"{field}: Field required"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("id", 7),
            ("id", ""),
            ("id", "a\nb"),
            ("id", "x" * 201),
            ("type", "video."),
            ("type", "Video.Transcode"),
            ("type", "video.transcode\n"),
            ("tenant_id", 3),
            ("tenant_id", None),
            ("payload", []),
            ("payload", "{}"),
            ("payload", None),
            ("created_at", 1_772_409_600),
            ("created_at", "1772409600"),
            ("created_at", "2026-03-02"),
            ("created_at", "2026-03-02T09:00:00"),
            ("created_at", "yesterday"),
            ("idempotency_key", "x" * 301),
            ("reply_to", "https://example.org/queue"),
            ("trace", 1),
        ],
    )
    def test_a_wrong_type_or_form_is_refused(self, field: str, value: object) -> None:
        assert refused(ENVELOPE, **{field: value}).startswith(f"{field}:")

    def test_a_reason_is_a_sentence_and_no_name_of_an_error(self) -> None:
        assert refused(ENVELOPE, v="1") == "v: Input should be a whole number"

    def test_an_unknown_field_is_refused(self) -> None:
        assert refused(ENVELOPE, api_key="s3cr3t").startswith("api_key:")


@pytest.mark.requirement("QUE-5")
class TestHostileText:
    @pytest.mark.parametrize(
        "body", ["", " ", "{", "not json", "{'v': 1}", '{"v": 1,}', "\ufeff\ufeff{}", '{"v": 1} x', "{\x00}"]
    )
    def test_what_is_no_json_is_refused_with_the_place(self, body: str) -> None:
        reason = refusal(body)
        assert reason.startswith("not JSON")
        assert "line" in reason

    @pytest.mark.parametrize("body", ["[]", "null", "1", '"text"', "true"])
    def test_what_is_no_object_is_refused(self, body: str) -> None:
        assert refusal(body) == "not a JSON object"

    def test_bytes_that_were_not_utf8_are_refused(self) -> None:
        body = json.dumps(JOB).encode().replace(b"7.mp4", b"\xff.mp4").decode("utf-8", "replace")
        assert refusal(body).startswith("not UTF-8")

    @pytest.mark.parametrize("levels", [64, 1000, 200_000])
    @pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
    def test_deep_nesting_is_refused(self, levels: int, opening: str, closing: str) -> None:
        deep = opening * levels + "1" + closing * levels
        assert "deeper than" in refusal(json.dumps(ENVELOPE).replace('"lecture-7"', deep))

    def test_some_nesting_is_fine(self) -> None:
        assert parse(ENVELOPE, payload={"a": [[[{"b": [1]}]]]}).payload == {"a": [[[{"b": [1]}]]]}

    @pytest.mark.parametrize("number", ["9" * 20, "-" + "9" * 20, "9" * 4301, "1e999", "-1e999"])
    def test_a_number_beyond_64_bits_is_refused(self, number: str) -> None:
        assert "64 bits" in refusal(json.dumps(ENVELOPE).replace('"lecture-7"', number))

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
    def test_what_is_a_number_in_python_only_is_refused(self, number: str) -> None:
        assert "no JSON numbers" in refusal(json.dumps(ENVELOPE).replace('"lecture-7"', number))

    def test_a_name_given_twice_is_refused(self) -> None:
        """Two readers of one message may not see two different tenants."""
        assert "twice" in refusal(json.dumps(ENVELOPE)[:-1] + ', "tenant_id": "other"}')
        assert "twice" in refusal(json.dumps(ENVELOPE).replace('"video_id"', '"video_id": "x", "video_id"'))

    @pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\udc00 \\ud800"])
    @pytest.mark.parametrize("message", [ENVELOPE, JOB])
    def test_text_that_no_database_keeps_is_refused(self, message: dict[str, Any], text: str) -> None:
        assert "a text holds" in refusal(json.dumps(message).replace(".mp4", text))
        assert "a text holds" in refusal(
            json.dumps(message).replace('"file_key"', f'"x{text}": 1, "file_key"')
        )

    def test_korean_and_emoji_pass_escaped_or_not(self) -> None:
        for ascii_only in (True, False):
            body = json.dumps({**JOB, "file_key": "강의/1강 😀.mp4"}, ensure_ascii=ascii_only)
            assert parse_incoming(body).payload["file_key"] == "강의/1강 😀.mp4"

    def test_a_reason_holds_no_value_and_stays_short(self) -> None:
        reason = refused(ENVELOPE, id=["010-1234-5678"], **{"x" * 5000 + "\n": "secret"})
        assert "010-1234" not in reason
        assert "secret" not in reason
        assert len(reason) < 500
        assert reason.isprintable()

    @pytest.mark.parametrize("values", ["[], " * 100_000, '"k", ' * 100_000, "1, " * 100_000])
    def test_more_values_than_any_work_needs_are_refused(self, values: str) -> None:
        assert "more than 100000 values" in refusal(
            json.dumps(ENVELOPE).replace('"lecture-7"', f"[{values}1]")
        )

    def test_commas_in_a_text_are_no_values(self) -> None:
        text = 'a, "b", \\ ' * 100_000
        assert parse(ENVELOPE, payload={"text": text}).payload == {"text": text}

    @pytest.mark.parametrize("message", [ENVELOPE, JOB])
    def test_more_fields_than_any_format_has_are_refused(self, message: dict[str, Any]) -> None:
        assert "more than 100 fields" in refused(message, **{f"f{n}": n for n in range(101)})

    @pytest.mark.parametrize("text", ["\ud800", "a\udc80b"])
    def test_half_a_surrogate_pair_that_is_no_escape_is_refused(self, text: str) -> None:
        assert refusal(json.dumps(JOB).replace(".mp4", text)).startswith("not UTF-8")

    def test_neither_ours_nor_known(self) -> None:
        assert "neither an envelope" in refusal('{"hello": "world"}')

    @given(st.text(max_size=200))
    def test_any_text_is_understood_or_refused(self, body: str) -> None:
        with pytest.raises(InvalidMessage):
            parse_incoming(body)

    @given(
        st.dictionaries(
            st.sampled_from([*ENVELOPE, *JOB, *DELETE]),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
                lambda inner: (
                    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
                ),
                max_leaves=5,
            ),
        )
    )
    def test_any_mixture_of_fields_is_understood_or_refused(self, message: dict[str, Any]) -> None:
        for base in (ENVELOPE, JOB, DELETE, {}):
            try:
                understood = parse_incoming(json.dumps({**base, **message}))
            except InvalidMessage:
                continue
            assert understood.type
            json.dumps(dict(understood.payload), allow_nan=False).encode()


@pytest.mark.requirement("CON-2")
class TestOlderFormats:
    def test_a_video_job(self) -> None:
        message = parse(JOB)
        assert (message.type, message.legacy, message.id) == ("video.transcode", True, "")
        assert message.payload == {"video_id": "7", "file_key": "uploads/7.mp4"}
        assert (message.tenant_id, message.tenant_code) == ("", "daechi")

    def test_a_video_deletion(self) -> None:
        message = parse(DELETE)
        assert message.type == "video.purge"
        assert message.payload == {"video_id": "7", "file_key": "uploads/7.mp4", "hls_prefix": "hls/7/"}
        assert message.tenant_id == "3"

    @pytest.mark.parametrize(
        ("sent", "read"), [(7, "7"), ("7", "7"), ("007", "007"), (0, "0"), ("a-1", "a-1")]
    )
    def test_ids_are_numbers_or_text_and_keep_their_zeros(self, sent: object, read: str) -> None:
        assert parse(JOB, video_id=sent).payload["video_id"] == read
        assert parse(DELETE, video_id=sent).payload["video_id"] == read
        assert parse(JOB, tenant_id=sent).tenant_id == read

    @pytest.mark.parametrize("value", [None, "", True, 1.5, [], {}, "a\u0007b", "x" * 201])
    def test_what_is_no_id_is_refused(self, value: object) -> None:
        assert refused(JOB, video_id=value).startswith("video_id:")
        assert refused(DELETE, video_id=value).startswith("video_id:")

    @pytest.mark.parametrize(
        "stamp",
        [
            "2024-03-02T09:00:00",
            "2024-03-02 09:00:00",
            "2024-03-02T00:00:00Z",
            1709337600,
            1709337600.25,
            None,
            [2024, 3, 2],
            "",
        ],
    )
    def test_every_older_way_to_write_a_time_is_taken(self, stamp: object) -> None:
        assert parse(JOB, created_at=stamp) == parse(JOB)
        assert parse(DELETE, created_at=stamp) == parse(DELETE)

    @pytest.mark.parametrize("attempt", [0, 5, "3", None])
    def test_the_older_attempt_count_changes_nothing(self, attempt: object) -> None:
        assert parse(JOB, attempt=attempt) == parse(JOB)

    def test_the_same_video_and_file_are_the_same_job(self) -> None:
        assert parse(JOB, attempt=2).idempotency_key == parse(JOB, video_id="7").idempotency_key
        assert parse(JOB, file_key="uploads/7b.mp4").idempotency_key != parse(JOB).idempotency_key

    def test_a_very_long_file_name_still_makes_a_key_that_fits_an_envelope(self) -> None:
        one, other = ("가" * 1000 + ending for ending in ("1.mp4", "2.mp4"))
        keys = {parse(JOB, file_key=name, video_id="9" * 200).idempotency_key for name in (one, other)}
        assert len(keys) == 2
        for key in keys:
            Envelope.model_validate({**ENVELOPE, "idempotency_key": key})

    @pytest.mark.parametrize("key", ["", "x" * 1025, "a\nb", None, 7])
    def test_a_file_key_that_is_none_is_refused(self, key: object) -> None:
        assert refused(JOB, file_key=key).startswith("file_key:")

    def test_no_academy_is_left_to_the_queue_to_name(self) -> None:
        for nothing in (None, ""):
            message = parse(JOB, tenant_id=nothing, tenant_code=nothing)
            assert (message.tenant_id, message.tenant_code) == ("", "")

    def test_a_deletion_may_leave_the_places_out(self) -> None:
        message = parse(DELETE, file_key=None, hls_prefix=None)
        assert message.payload == {"video_id": "7", "file_key": "", "hls_prefix": ""}

    def test_an_unknown_action_is_never_taken_for_a_new_video(self) -> None:
        assert "action" in refused(JOB, action="archive_r2")
        assert "action" in refused(DELETE, action="DELETE_R2")

    @pytest.mark.requirement("QUE-7")
    def test_secrets_of_an_older_producer_are_dropped_at_the_edge(self) -> None:
        secrets = {
            "download_url": "https://r2.example/7.mp4?X-Amz-Signature=abc",
            "r2_secret_access_key": "hunter2",
            "api_key": "k-77f2",
        }
        for message in (JOB, DELETE):
            understood = parse(message, **secrets)
            assert understood == parse(message)
            assert not any(value in repr(understood) for value in secrets.values())
