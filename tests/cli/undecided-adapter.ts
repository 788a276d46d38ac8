/** The reference device, with an order of messages that is another one each time. */
import { loadLayout } from '../../spec/load.ts';
import { changesItsOrder } from '../engine/flaky.ts';

const adapter = changesItsOrder(loadLayout('native'));

export default adapter;
