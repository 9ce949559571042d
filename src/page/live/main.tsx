import { render } from 'preact';
import '../components/style.css';
import './live.css';
import { Live } from './live.tsx';
import { openStream } from './stream.ts';

const place = document.getElementById('page')!;
const token = new URLSearchParams(location.search).get('token') ?? '';
const stream = openStream(token);

place.replaceChildren();
render(<Live stream={stream} token={token} />, place);
