"""The article's client, rebuilt with every trait that it has. What is wrong with each, the verdicts say: see README.md."""
import asyncio
import itertools
import random
import sys

from runner import base_url, need_aiohttp, proxies, run

need_aiohttp()
import aiohttp  # noqa: E402

# A name drawn anew for each request hides nothing: it is one address, and often one key, with many names.
USER_AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
]
TRIES = 3


class ArticleClient:
    def __init__(self, keys):
        self.keys = itertools.cycle(keys)
        self.proxies = proxies()
        # Made while no loop runs: aiohttp 3.8 warns of it, from 3.10 on it is an error. It keeps the loop that is current
        # now, so it only works as long as nobody calls asyncio.run(), which brings another.
        self.session = aiohttp.ClientSession()

    async def ask(self, call):
        # The keys take turns by attempt, so a retry comes with another key: to an organization's limit they are one.
        for attempt in range(TRIES):
            try:
                async with self.session.post(
                    f"{base_url()}/chat/completions",
                    json={"model": call["model"], "messages": [{"role": "user", "content": call["prompt"]}]},
                    headers={
                        **call.get("headers", {}),
                        "Authorization": f"Bearer {next(self.keys)}",
                        "User-Agent": random.choice(USER_AGENTS),
                    },
                    proxy=random.choice(self.proxies) if self.proxies else None,
                ) as response:
                    if response.status == 200:
                        return (await response.json())["choices"][0]["message"]["content"]
                    if response.status == 429:
                        # Everybody waits as long, whatever Retry-After says, and after the last try for nothing.
                        await asyncio.sleep(2**attempt)
                    else:
                        print(f"error {response.status}", file=sys.stderr)
            except Exception as error:
                print(f"error: {error}", file=sys.stderr)
            # Whatever was no 429 is tried again at once.
        # Three times nothing is nothing: the caller is not told.
        return None

    async def close(self):
        await self.session.close()


if __name__ == "__main__":
    run(ArticleClient)
