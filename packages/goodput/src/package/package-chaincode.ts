import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { CommandError } from '../errors.js';
import { packFolder } from './pack-folder.js';
import { copyProject } from './copy-project.js';

/** What {@link packageChaincode} takes. */
export interface PackageOptions {
    /** The chaincode project's folder, built. */
    readonly folder: string;
    /**
     * `ccaas`: peers call a service that is started elsewhere. `node`: peers build and start the project.
     * @default 'ccaas'
     */
    readonly type?: 'ccaas' | 'node';
    /** @default name and version of the project, as `name_version` */
    readonly label?: string;
    /** Where peers reach the service, `host:port`. Only for `ccaas`. @default folder's name with :9999 */
    readonly address?: string;
    /** The file to write. @default folder's name with .tgz, in the working folder */
    readonly output?: string;
}

/** A lifecycle package that was written. */
export interface PackagedChaincode {
    readonly file: string;
    readonly label: string;
    /** What `peer lifecycle chaincode calculatepackageid` says of it. */
    readonly packageId: string;
    /** Paths of the index files in it. */
    readonly indexes: readonly string[];
}

const LABEL = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;
const ADDRESS = /^[A-Za-z0-9.-]+:\d{1,5}$/;

interface Manifest {
    readonly name?: string;
    readonly version?: string;
}

async function manifestOf(folder: string): Promise<Manifest> {
    const file = join(folder, 'package.json');
    try {
        return JSON.parse(await readFile(file, 'utf8')) as Manifest;
    } catch (cause) {
        throw new CommandError('COMMAND_FILE_UNREADABLE', `${file} cannot be read.`, {
            cause,
            suggestion: 'Name the folder of an npm project.',
        });
    }
}

function usage(message: string, suggestion: string): never {
    throw new CommandError('COMMAND_USAGE', message, { suggestion });
}

async function exists(path: string): Promise<boolean> {
    return stat(path).then(
        () => true,
        () => false,
    );
}

/** Puts together the folder that becomes `code.tar.gz`. */
async function stageCode(code: string, options: PackageOptions, folder: string): Promise<void> {
    const metadata = join(folder, 'META-INF');
    // Without it the peer creates no index, says nothing, and every rich query scans the database.
    if (await exists(metadata)) await cp(metadata, join(code, 'META-INF'), { recursive: true });
    if (options.type === 'node') {
        await copyProject(folder, join(code, 'src'));
        return;
    }
    const address = options.address ?? `${basename(folder)}:9999`;
    const connection = { address, dial_timeout: '10s', tls_required: false };
    await writeFile(join(code, 'connection.json'), `${JSON.stringify(connection)}\n`);
}

/**
 * Makes the package that `peer lifecycle chaincode install` takes. The same project gives the same bytes,
 * and so the same package id, wherever and whenever it is packaged.
 *
 * @example
 * ```ts no-run
 * import { packageChaincode } from 'goodput';
 *
 * const made = packageChaincode({ folder: 'chaincode/clinical', address: 'clinical:9999' });
 * void made.then(({ packageId }) => console.log(packageId));
 * ```
 */
export async function packageChaincode(options: PackageOptions): Promise<PackagedChaincode> {
    const folder = resolve(options.folder);
    const manifest = await manifestOf(folder);
    const plain = (manifest.name ?? basename(folder)).replace(/^@/, '').replaceAll('/', '-');
    const { type = 'ccaas', label = `${plain}_${manifest.version ?? '0'}` } = options;
    if (!LABEL.test(label)) {
        usage(`${JSON.stringify(label)} is no label.`, 'Use letters, digits and "_.+-".');
    }
    if (options.address !== undefined && (type === 'node' || !ADDRESS.test(options.address))) {
        usage('An address is host:port, and only for ccaas.', 'Such as --address clinical:9999.');
    }
    const file = resolve(options.output ?? `${basename(folder)}.tgz`);
    const work = await mkdtemp(join(tmpdir(), 'goodput-package-'));
    try {
        const [code, outer] = [join(work, 'code'), join(work, 'package')];
        await mkdir(code);
        await mkdir(outer);
        await stageCode(code, { ...options, type }, folder);
        const paths = await packFolder(code, join(outer, 'code.tar.gz'));
        const metadata = { path: '', type, label };
        await writeFile(join(outer, 'metadata.json'), `${JSON.stringify(metadata)}\n`);
        await packFolder(outer, file);
        const hash = createHash('sha256')
            .update(await readFile(file))
            .digest('hex');
        const indexes = paths.filter((path) => path.startsWith('META-INF/'));
        return { file, label, packageId: `${label}:${hash}`, indexes };
    } finally {
        await rm(work, { recursive: true, force: true });
    }
}
