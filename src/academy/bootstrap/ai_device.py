"""Where models of the premium tier run on this machine."""

from dataclasses import dataclass

from academy.bootstrap.settings import AiDevice, Settings, SettingsInvalid

__all__ = ["Device", "choose_device"]


@dataclass(frozen=True, slots=True)
class Device:
    """A device: `name` "cpu" or "cuda", `why` for the operator."""

    name: str
    why: str


def choose_device(settings: Settings) -> Device:
    """Return the device that the setting allows and the machine has. Raises SettingsInvalid for a GPU that is not there."""
    if settings.ai_device is AiDevice.CPU:
        return Device("cpu", "ACADEMY_AI_DEVICE says so")
    gpu, why = _gpu()
    if gpu:
        return Device("cuda", gpu)
    if settings.ai_device is AiDevice.CUDA:
        raise SettingsInvalid(f"ACADEMY_AI_DEVICE: no GPU can be used: {why}; set it to auto or cpu")
    return Device("cpu", why)


def _gpu() -> tuple[str, str]:
    """Return the name of the GPU, "" for none, and why there is none."""
    try:
        import torch  # type: ignore[import-not-found] # noqa: PLC0415 - only where it is installed
    except ImportError:
        return "", "torch is not installed"
    if not torch.cuda.is_available():
        return "", "torch finds no GPU"
    return str(torch.cuda.get_device_name(0)), ""
