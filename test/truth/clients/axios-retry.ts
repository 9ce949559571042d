import axios from 'axios';
import axiosRetry from 'axios-retry';
import type { ClientCall } from 'quotalab';
import { answerOf, ask } from './ask.ts';

const client = axios.create();
axiosRetry(client, {
  retries: 3,
  retryCondition: (error) =>
    axiosRetry.isNetworkError(error) || axiosRetry.isRetryableError(error) || error.status === 429,
  retryDelay: axiosRetry.exponentialDelay,
});

export default async function chat(call: ClientCall): Promise<string> {
  const [url, { headers, body }] = ask(call);
  return answerOf((await client.post(url, body, { headers })).data);
}
