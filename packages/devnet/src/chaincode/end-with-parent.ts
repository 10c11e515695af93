/**
 * Loaded before a chaincode that the network runs itself: ends it when its input does, as it does when
 * the network's process is killed and cannot end anything any more.
 */
process.stdin
    .on('close', () => process.exit(0))
    .on('error', () => process.exit(0))
    .resume();
