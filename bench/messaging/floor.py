"""The bare floor: the same requests to the provider without a database. Prints CPU milliseconds a message and messages a second.

python bench/messaging/floor.py URL ORDERS PEOPLE
"""

import asyncio
import json
import sys
import time

from tests.chaos.messaging_provider import API_KEY, API_SECRET

from academy.application.ports.message_provider import OutgoingText
from academy.domain.messaging.channel import Channel
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.solapi.provider import SolapiMessageProvider

SLOTS = 8


async def main(url: str, orders: int, people: int) -> None:
    provider = SolapiMessageProvider(url, API_KEY, API_SECRET, SystemClock())
    texts = [
        [
            OutgoingText(
                f"{order}-{n}",
                f"010{2000 + order}{n:04}",
                "0212345678",
                Channel.SMS,
                f"[강남학원] 학생 {n} 학생이 3시에 등원했습니다.",
            )
            for n in range(people)
        ]
        for order in range(orders)
    ]
    slots = asyncio.Semaphore(SLOTS)

    async def send(order: int) -> None:
        async with slots:
            group = await provider.open(str(order))
            await provider.add(group, texts[order])
            await provider.send(group)

    began, cpu = time.monotonic(), time.process_time()
    await asyncio.gather(*(send(order) for order in range(orders)))
    total = orders * people
    cpu_ms = (time.process_time() - cpu) * 1000 / total
    print(json.dumps({"cpu_ms": cpu_ms, "per_second": total / (time.monotonic() - began)}))
    await provider.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
