"""Sends plain httpx requests: an answer, a stream, a tool call and a retry after a 429. Prints the results as JSON."""
import json
import sys
import time

import httpx

url = sys.argv[1]
client = httpx.Client(base_url=url, headers={"Authorization": "Bearer sk-test"}, timeout=10)
request = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}
tool = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def chat(**more):
    """Retries refusals after the requested wait until admitted."""
    waits = []
    while True:
        response = client.post("/v1/chat/completions", json={**request, **more})
        if response.status_code != 429:
            return response.json(), waits
        waits.append(float(response.headers["retry-after"]))
        time.sleep(waits[-1])


def stream():
    text = ""
    with client.stream("POST", "/v1/chat/completions", json={**request, "stream": True}) as response:
        for line in response.iter_lines():
            data = line.strip()
            if data.startswith("data: ") and data != "data: [DONE]":
                for choice in json.loads(data[6:])["choices"]:
                    text += choice["delta"].get("content") or ""
    return text


answer, _ = chat()
streamed = stream()
called, _ = chat(tools=[tool])
_, waits = chat()
call = called["choices"][0]["message"]["tool_calls"][0]["function"]
print(
    json.dumps(
        {
            "answer": answer["choices"][0]["message"]["content"],
            "stream": streamed,
            "tool": [call["name"], json.loads(call["arguments"])],
            "waits": waits,
        }
    )
)
