"""One process per call: retries at the date in Retry-After, and reports the readings of its clocks."""
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime

call = json.load(sys.stdin)
body = json.dumps({"model": call["model"], "messages": [{"role": "user", "content": call["prompt"]}]}).encode()
headers = {"authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "content-type": "application/json"}
headers.update(call["headers"])
requests = []


def send():
    before = time.time()
    request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", body, headers)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    answer.read()
    date = parsedate_to_datetime(answer.headers["date"]).timestamp()
    requests.append({"call": call["id"], "before": before, "date": date, "after": time.time()})
    return answer


answer = send()
while answer.status == 429:
    due = parsedate_to_datetime(answer.headers["retry-after"]).timestamp()
    time.sleep(max(0, due - time.time()))
    answer = send()
monotonic = time.monotonic()
time.sleep(1)
child = float(subprocess.run(["date", "+%s.%N"], capture_output=True, text=True, check=True).stdout)
report = {"requests": requests, "slept": time.monotonic() - monotonic, "child": child, "end": time.time()}
print(json.dumps({**report, "shared": os.environ["FAKETIME_SHARED"]}), file=sys.stderr, flush=True)
print(json.dumps("done"))
