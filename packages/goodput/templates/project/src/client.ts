import { connect } from '@goodput/gateway';

async function main(): Promise<void> {
    const client = await connect(process.argv[2] ?? '.goodput/devnet.json');
    const beds = client.contract('{{name}}');
    await Promise.all(Array.from({ length: 100 }, () => beds.submit('admit', ['west'])));
    console.log(`beds taken: ${Buffer.from(await beds.evaluate('taken', ['west'])).toString()}`);
    await client.close();
}

void main();
