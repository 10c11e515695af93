import {
    argument,
    integerArgument,
    readInteger,
    Refusal,
    operation,
    type Store,
} from '../store.js';

const profile = (id: string): string => `profile:${id}`;
const record = (id: string): string => `record:${id}`;
const metadata = (id: string): string => `artwork:${id}:metadata`;
const royalty = (id: string): string => `artwork:${id}:royalty`;

/** Grants are kept as a sorted list of names; writing them is what makes the key contended. */
async function changeGrants(
    store: Store,
    key: string,
    name: string,
    granted: boolean,
): Promise<void> {
    const grants = new Set(((await store.get(key)) ?? '').split(',').filter(Boolean));
    if (granted) grants.add(name);
    else grants.delete(name);
    await store.put(key, [...grants].sort().join(',') || '-');
}

// Electronic health records: who may see a patient's profile and record.

/** addEhr(patient, institute): registers the patient's record with an institute. */
export const addEhr = operation(['patient', 'institute'], async (store, args) => {
    const patient = argument(args, 0, 'patient');
    const institute = argument(args, 1, 'institute');
    await changeGrants(store, record(patient), institute, true);
    await changeGrants(store, profile(patient), institute, true);
    return '';
});

/** grantProfile(patient, institute) and revokeProfile(patient, institute) */
export const grantProfile = operation(['patient', 'institute'], async (store, args) => {
    await changeGrants(
        store,
        profile(argument(args, 0, 'patient')),
        argument(args, 1, 'institute'),
        true,
    );
    return '';
});
export const revokeProfile = operation(['patient', 'institute'], async (store, args) => {
    await changeGrants(
        store,
        profile(argument(args, 0, 'patient')),
        argument(args, 1, 'institute'),
        false,
    );
    return '';
});

/** grantEhr(patient, institute) and revokeEhr(patient, institute): profile and record together. */
export const grantEhr = operation(['patient', 'institute'], addEhr.perform);
export const revokeEhr = operation(['patient', 'institute'], async (store, args) => {
    const patient = argument(args, 0, 'patient');
    const institute = argument(args, 1, 'institute');
    await changeGrants(store, profile(patient), institute, false);
    await changeGrants(store, record(patient), institute, false);
    return '';
});

/** viewEhr(patient) and readProfile(patient): reads only. */
export const viewEhr = operation(
    ['patient'],
    async (store, args) => (await store.get(record(argument(args, 0, 'patient')))) ?? '',
);
export const readProfile = operation(
    ['patient'],
    async (store, args) => (await store.get(profile(argument(args, 0, 'patient')))) ?? '',
);

/** viewPartialProfile(patient): how many may see it, not who; reads only. */
export const viewPartialProfile = operation(['patient'], async (store, args) => {
    const grants = (await store.get(profile(argument(args, 0, 'patient')))) ?? '';
    return String(grants.split(',').filter((each) => each !== '' && each !== '-').length);
});

// Digital rights: a work's metadata, and the counter its royalties are paid by.

/** createArtwork(artwork, title) */
export const createArtwork = operation(['artwork', 'title'], async (store, args) => {
    const artwork = argument(args, 0, 'artwork');
    await store.put(metadata(artwork), argument(args, 1, 'title'));
    await store.put(royalty(artwork), '0');
    return '';
});

/** play(artwork): reads the metadata and counts one more on the royalty. */
export const play = operation(['artwork'], async (store, args) => {
    const artwork = argument(args, 0, 'artwork');
    if ((await store.get(metadata(artwork))) === undefined) throw new Refusal('no such artwork');
    const plays = (await readInteger(store, royalty(artwork))) + 1;
    await store.put(royalty(artwork), String(plays));
    return String(plays);
});

/** rightHolders(artwork) and viewMetadata(artwork): reads only. */
export const rightHolders = operation(['artwork'], async (store, args) => {
    const artwork = argument(args, 0, 'artwork');
    return `${(await store.get(metadata(artwork))) ?? ''}:${(await store.get(royalty(artwork))) ?? ''}`;
});
export const viewMetadata = operation(
    ['artwork'],
    async (store, args) => (await store.get(metadata(argument(args, 0, 'artwork')))) ?? '',
);

// Voting: one election, parties that are counted as ballots come in.

/** openElection(election, parties): parties are numbered from 0. */
export const openElection = operation(['election', 'parties'], async (store, args) => {
    const election = argument(args, 0, 'election');
    await store.put(`election:${election}`, 'open');
    for (let party = 0; party < integerArgument(args, 1, 'parties'); party++) {
        await store.put(`party:${election}:${String(party).padStart(3, '0')}`, '0');
    }
    return '';
});

/** vote(election, voter, party): one ballot a voter; the party's count is written with it. */
export const vote = operation(['election', 'voter', 'party'], async (store, args) => {
    const election = argument(args, 0, 'election');
    const ballot = `ballot:${election}:${argument(args, 1, 'voter')}`;
    const party = `party:${election}:${argument(args, 2, 'party').padStart(3, '0')}`;
    if ((await store.get(`election:${election}`)) !== 'open') throw new Refusal('not open');
    if ((await store.range(ballot, `${ballot}~`)).length > 0) throw new Refusal('has voted');
    const [count] = await store.range(party, `${party}~`);
    if (count === undefined) throw new Refusal('no such party');
    await store.put(ballot, argument(args, 2, 'party'));
    await store.put(party, String(Number(count) + 1));
    return '';
});

/** parties(election): the counts of all parties, each by a range read of its own, up to the first gap. */
export const parties = operation(['election'], async (store, args) => {
    const election = argument(args, 0, 'election');
    const counts: string[] = [];
    for (let party = 0; ; party++) {
        const key = `party:${election}:${String(party).padStart(3, '0')}`;
        const [count] = await store.range(key, `${key}~`);
        if (count === undefined) return counts.join(',');
        counts.push(count);
    }
});

/** closeElection(election): no ballot is taken any more, and the counts are written down as the result. */
export const closeElection = operation(['election'], async (store, args) => {
    const election = argument(args, 0, 'election');
    if ((await store.get(`election:${election}`)) !== 'open') throw new Refusal('not open');
    const result = await parties.perform(store, [election]);
    await store.put(`election:${election}`, 'closed');
    await store.put(`result:${election}`, result);
    return result;
});

/** seeResults(election): reads only; refused while ballots are still taken. */
export const seeResults = operation(['election'], async (store, args) => {
    const result = await store.get(`result:${argument(args, 0, 'election')}`);
    if (result === undefined) throw new Refusal('not closed');
    return result;
});
