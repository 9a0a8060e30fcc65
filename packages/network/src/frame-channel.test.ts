import { MAX_FRAME } from './constants.ts'
import { describeFrameChannel } from './frame-channel.suite.ts'
import { createChannelPair, PAIR_CAPACITY } from './frame-channel.ts'

describeFrameChannel(
  'the in-memory pair',
  async () => {
    const [near, far] = createChannelPair()
    return { near, far, dispose: async () => {} }
  },
  PAIR_CAPACITY + MAX_FRAME
)
