import { zipfSampler } from '../load/random.js';
import { defineWorkload } from './workload.js';

const patients = 100;
const viewing = ['viewEhr', 'readProfile', 'viewPartialProfile'];

/** Electronic health records: eight functions in equal parts, skew 1. */
export const ehr = defineWorkload({
    name: 'ehr',
    title: 'electronic health records: 100 patients, 8 functions, zipf 1',
    setup: () =>
        Array.from({ length: patients }, (_, patient) => ({
            name: 'addEhr',
            args: [`p${patient}`, 'home'],
        })),
    operations: (random) => {
        const sample = zipfSampler(patients, 1);
        const functions = [
            'addEhr',
            'grantProfile',
            'revokeProfile',
            'grantEhr',
            'revokeEhr',
            'viewEhr',
            'readProfile',
            'viewPartialProfile',
        ];
        return () => {
            const name = random.pick(functions);
            const patient = `p${sample(random)}`;
            const reads = viewing.includes(name);
            return { name, args: reads ? [patient] : [patient, `institute${random.below(10)}`] };
        };
    },
    keys: ({ name, args: [patient = ''] }) => {
        const [profile, record] = [`profile:${patient}`, `record:${patient}`];
        if (name === 'viewEhr') return { reads: [record] };
        if (viewing.includes(name)) return { reads: [profile] };
        return name.endsWith('Profile') ? [profile] : [profile, record];
    },
});

const artworks = 100;

/** Digital rights: 70% plays, each counting on the work's royalty. */
export const drm = defineWorkload({
    name: 'drm',
    title: 'digital rights: 100 works, 70% plays that count royalties',
    setup: () =>
        Array.from({ length: artworks }, (_, artwork) => ({
            name: 'createArtwork',
            args: [`a${artwork}`, `title ${artwork}`],
        })),
    operations: (random) => () => {
        const artwork = `a${random.below(artworks)}`;
        const name = random.pick(['rightHolders', 'viewMetadata']);
        return { name: random.next() < 0.7 ? 'play' : name, args: [artwork] };
    },
    keys: ({ name, args: [artwork = ''] }) => {
        const metadata = `artwork:${artwork}:metadata`;
        const royalty = `artwork:${artwork}:royalty`;
        if (name === 'createArtwork') return [metadata, royalty];
        if (name === 'play') return { reads: [metadata], writes: [royalty] };
        return { reads: name === 'viewMetadata' ? [metadata] : [metadata, royalty] };
    },
});

const parties = 12;
/** Each round asks for the counts a hundred times, then a thousand people vote. */
const [queriesARound, ballotsARound] = [100, 1000] as const;

/** An election: every ballot reads the election and writes its party's count; at its end it is closed. */
export const voting = defineWorkload({
    name: 'voting',
    title: 'an election with 12 parties: every ballot writes its party’s count',
    setup: () => [{ name: 'openElection', args: ['e', String(parties)] }],
    operations: (random) => (index) => {
        if (index % (queriesARound + ballotsARound) < queriesARound) {
            return { name: 'parties', args: ['e'] };
        }
        const voter = `v${String(index).padStart(9, '0')}`;
        return { name: 'vote', args: ['e', voter, String(random.below(parties))] };
    },
    closing: () => ['closeElection', 'seeResults'].map((name) => ({ name, args: ['e'] })),
    keys: ({ name, args: [election = '', voter = '', party = ''] }) =>
        name !== 'vote'
            ? undefined
            : {
                  reads: [`election:${election}`],
                  writes: [
                      `ballot:${election}:${voter}`,
                      `party:${election}:${party.padStart(3, '0')}`,
                  ],
              },
});
