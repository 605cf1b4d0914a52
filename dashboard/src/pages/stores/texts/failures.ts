import { defineTexts } from '../../../text/texts.ts';
import type { FailureCode } from '../model/catalogue.ts';

/** The meaning of a failure, and advice for a person. */
interface FailureText {
  readonly title: string;
  readonly advice: string;
}

const WAIT_AND_RETRY_EN = 'Retry. If it happens again, tell an operator of the platform.';
const WAIT_AND_RETRY_DE =
  'Wiederholen Sie den Vorgang. Wenn es wieder geschieht, melden Sie es dem Betrieb der Plattform.';

export const FAILURES = defineTexts({
  en: {
    IMAGE_PULL_FAILED: {
      title: 'A container image cannot be pulled',
      advice:
        'Check that the image in the message exists and that the cluster may read it. Then retry, or continue with another image.',
    },
    CRASH_LOOP: {
      title: 'A container keeps crashing',
      advice: 'The log lines show its last words. A memory limit that is too small is the usual cause.',
    },
    NAMESPACE_QUOTA_EXCEEDED: {
      title: 'The store exceeds the quota of its namespace',
      advice: 'A retry alone does not help. Continue with smaller resources, or delete the store and create it again.',
    },
    UNSCHEDULABLE: {
      title: 'No node can schedule a pod of the store',
      advice: 'The cluster has no room. Retry when it has more nodes, or continue with smaller resource requests.',
    },
    VOLUME_PENDING: {
      title: 'A volume of the store was not provisioned',
      advice: 'The cluster gave no disk. Retry when its storage works again.',
    },
    JOB_FAILED: {
      title: 'A setup job of the store failed',
      advice: 'The log lines show its last words. Remove the cause, then retry.',
    },
    ADMISSION_REFUSED: {
      title: 'The cluster rejected an object of the store',
      advice: 'The message quotes the cluster. A policy must change before a retry can succeed.',
    },
    READY_DEADLINE_EXCEEDED: {
      title: 'The store did not become ready in time',
      advice: 'Slow nodes or slow image pulls are the usual cause. Retry.',
    },
    VERIFICATION_FAILED: {
      title: 'The verification order failed',
      advice: 'The store runs, but a customer could not buy. The evidence names the step and the answer of the store.',
    },
    CHART_INVALID: {
      title: 'The chart of the engine or its values are not valid',
      advice: 'The message quotes Helm. An operator of the platform must correct the values, then retry.',
    },
    RELEASE_FAILED: {
      title: 'Helm could not apply the release',
      advice: 'The message quotes Helm. Remove the cause, then retry.',
    },
    FIELD_CONFLICT: {
      title: 'Another program has changed a field of the release',
      advice: 'Undo that change in the cluster, then retry.',
    },
    RELEASE_LOCKED: {
      title: 'Another Helm operation has locked the release',
      advice: 'Wait until the other program has finished, then retry.',
    },
    RELEASE_MISMATCH: {
      title: 'The release is not the requested one',
      advice: 'Another program writes to the release. Stop it, then retry.',
    },
    ATTEMPT_FENCED: { title: 'Another attempt has acquired the fence', advice: WAIT_AND_RETRY_EN },
    NAMESPACE_FOREIGN: {
      title: 'The namespace exists and does not belong to the store',
      advice: 'Delete the namespace if it is not needed, then retry. Otherwise delete the store and create it again.',
    },
    NAMESPACE_TERMINATING: {
      title: 'The namespace is still being deleted',
      advice: 'Wait until the earlier delete has ended, then retry.',
    },
    NAMESPACE_HAS_DATA: {
      title: 'The namespace holds the data of a store that was ready',
      advice: 'The data is safe. Remove the cause of the failure, then retry. To lose the data, delete the store.',
    },
    ABSENCE_UNPROVEN: {
      title: 'An object of the store still exists',
      advice: 'The evidence names what is left. Retry repeats the delete.',
    },
    CLUSTER_UNAVAILABLE: {
      title: 'The Kubernetes API is unavailable',
      advice: 'Retry when the cluster answers again.',
    },
    CLUSTER_REFUSED: {
      title: 'The Kubernetes API refused a call',
      advice: 'A retry alone does not help. An operator of the platform must remove the cause.',
    },
    DATABASE_UNAVAILABLE: { title: 'The database is unavailable', advice: WAIT_AND_RETRY_EN },
    ORCHESTRATOR_UNAVAILABLE: { title: 'Temporal is unavailable', advice: WAIT_AND_RETRY_EN },
    ORCHESTRATOR_REJECTED: { title: 'Temporal rejected a request', advice: WAIT_AND_RETRY_EN },
    STORE_NOT_FOUND: { title: 'The store does not exist', advice: WAIT_AND_RETRY_EN },
    INVALID_STATE: { title: 'The status of the store does not allow the action', advice: WAIT_AND_RETRY_EN },
    ADOPTED_UNFINISHED: {
      title: 'The store was adopted before it was ready',
      advice: 'Retry finishes the provision, or delete the store.',
    },
    UNDO_INCOMPLETE: {
      title: 'The cleanup did not remove every object',
      advice: 'The evidence names what is left. Delete the store, or retry.',
    },
    STEP_TIMED_OUT: { title: 'A step did not finish in time', advice: WAIT_AND_RETRY_EN },
    INTERNAL: {
      title: 'An unexpected error occurred',
      advice: 'The platform is at fault. Report the correlation id of the operation.',
    },
  } satisfies Record<FailureCode, FailureText>,
  de: {
    IMAGE_PULL_FAILED: {
      title: 'Ein Container-Image kann nicht geladen werden',
      advice:
        'Prüfen Sie, ob es das Image aus der Meldung gibt und ob der Cluster es lesen darf. Wiederholen Sie dann den Vorgang, oder setzen Sie ihn mit einem anderen Image fort.',
    },
    CRASH_LOOP: {
      title: 'Ein Container stürzt immer wieder ab',
      advice: 'Die Protokollzeilen zeigen seine letzten Ausgaben. Meist ist die Speichergrenze zu klein.',
    },
    NAMESPACE_QUOTA_EXCEEDED: {
      title: 'Der Shop überschreitet das Kontingent seines Namespace',
      advice:
        'Eine Wiederholung allein hilft nicht. Setzen Sie mit kleineren Ressourcen fort, oder löschen Sie den Shop und legen Sie ihn neu an.',
    },
    UNSCHEDULABLE: {
      title: 'Kein Knoten hat Platz für einen Pod des Shops',
      advice:
        'Der Cluster ist voll. Wiederholen Sie den Vorgang, wenn er mehr Knoten hat, oder setzen Sie mit kleineren Anforderungen fort.',
    },
    VOLUME_PENDING: {
      title: 'Ein Volume des Shops wurde nicht bereitgestellt',
      advice:
        'Der Cluster hat keinen Speicher geliefert. Wiederholen Sie den Vorgang, wenn der Speicher wieder arbeitet.',
    },
    JOB_FAILED: {
      title: 'Ein Einrichtungs-Job des Shops ist fehlgeschlagen',
      advice:
        'Die Protokollzeilen zeigen seine letzten Ausgaben. Beheben Sie die Ursache, und wiederholen Sie den Vorgang.',
    },
    ADMISSION_REFUSED: {
      title: 'Der Cluster hat ein Objekt des Shops abgelehnt',
      advice: 'Die Meldung zitiert den Cluster. Erst muss sich eine Richtlinie ändern, dann hilft eine Wiederholung.',
    },
    READY_DEADLINE_EXCEEDED: {
      title: 'Der Shop wurde nicht rechtzeitig bereit',
      advice: 'Meist sind die Knoten oder das Laden der Images langsam. Wiederholen Sie den Vorgang.',
    },
    VERIFICATION_FAILED: {
      title: 'Die Prüfbestellung ist fehlgeschlagen',
      advice:
        'Der Shop läuft, aber Kunden könnten nichts kaufen. Die Belege nennen den Schritt und die Antwort des Shops.',
    },
    CHART_INVALID: {
      title: 'Das Chart oder seine Werte sind ungültig',
      advice:
        'Die Meldung zitiert Helm. Der Betrieb der Plattform muss die Werte korrigieren, dann hilft eine Wiederholung.',
    },
    RELEASE_FAILED: {
      title: 'Helm konnte das Release nicht anwenden',
      advice: 'Die Meldung zitiert Helm. Beheben Sie die Ursache, und wiederholen Sie den Vorgang.',
    },
    FIELD_CONFLICT: {
      title: 'Ein anderes Programm hat ein Feld des Release geändert',
      advice: 'Machen Sie diese Änderung im Cluster rückgängig, und wiederholen Sie den Vorgang.',
    },
    RELEASE_LOCKED: {
      title: 'Ein anderer Helm-Vorgang hat das Release gesperrt',
      advice: 'Warten Sie, bis das andere Programm fertig ist, und wiederholen Sie den Vorgang.',
    },
    RELEASE_MISMATCH: {
      title: 'Das Release ist nicht das angeforderte',
      advice: 'Ein anderes Programm schreibt in das Release. Halten Sie es an, und wiederholen Sie den Vorgang.',
    },
    ATTEMPT_FENCED: { title: 'Ein anderer Versuch hat die Sperre erworben', advice: WAIT_AND_RETRY_DE },
    NAMESPACE_FOREIGN: {
      title: 'Den Namespace gibt es bereits, und er gehört nicht zum Shop',
      advice:
        'Löschen Sie den Namespace, wenn ihn niemand braucht, und wiederholen Sie den Vorgang. Sonst löschen Sie den Shop und legen ihn neu an.',
    },
    NAMESPACE_TERMINATING: {
      title: 'Der Namespace wird noch gelöscht',
      advice: 'Warten Sie, bis die frühere Löschung beendet ist, und wiederholen Sie den Vorgang.',
    },
    NAMESPACE_HAS_DATA: {
      title: 'Der Namespace enthält die Daten eines Shops, der bereit war',
      advice:
        'Die Daten sind sicher. Beheben Sie die Ursache, und wiederholen Sie den Vorgang. Wenn Sie die Daten nicht brauchen, löschen Sie den Shop.',
    },
    ABSENCE_UNPROVEN: {
      title: 'Ein Objekt des Shops existiert noch',
      advice: 'Die Belege nennen, was übrig ist. Eine Wiederholung löscht noch einmal.',
    },
    CLUSTER_UNAVAILABLE: {
      title: 'Die Kubernetes-API ist nicht erreichbar',
      advice: 'Wiederholen Sie den Vorgang, wenn der Cluster wieder antwortet.',
    },
    CLUSTER_REFUSED: {
      title: 'Die Kubernetes-API hat einen Aufruf abgelehnt',
      advice: 'Eine Wiederholung allein hilft nicht. Der Betrieb der Plattform muss die Ursache beheben.',
    },
    DATABASE_UNAVAILABLE: { title: 'Die Datenbank ist nicht erreichbar', advice: WAIT_AND_RETRY_DE },
    ORCHESTRATOR_UNAVAILABLE: { title: 'Temporal ist nicht erreichbar', advice: WAIT_AND_RETRY_DE },
    ORCHESTRATOR_REJECTED: { title: 'Temporal hat eine Anfrage abgelehnt', advice: WAIT_AND_RETRY_DE },
    STORE_NOT_FOUND: { title: 'Den Shop gibt es nicht', advice: WAIT_AND_RETRY_DE },
    INVALID_STATE: { title: 'Der Status des Shops erlaubt die Aktion nicht', advice: WAIT_AND_RETRY_DE },
    ADOPTED_UNFINISHED: {
      title: 'Der Shop wurde übernommen, bevor er bereit war',
      advice: 'Eine Wiederholung beendet die Einrichtung. Oder löschen Sie den Shop.',
    },
    UNDO_INCOMPLETE: {
      title: 'Die Rücknahme hat nicht alle Objekte entfernt',
      advice: 'Die Belege nennen, was übrig ist. Löschen Sie den Shop, oder wiederholen Sie den Vorgang.',
    },
    STEP_TIMED_OUT: { title: 'Ein Schritt wurde nicht rechtzeitig fertig', advice: WAIT_AND_RETRY_DE },
    INTERNAL: {
      title: 'Ein unerwarteter Fehler ist aufgetreten',
      advice: 'Die Plattform hat den Fehler verursacht. Melden Sie die Korrelations-ID des Vorgangs.',
    },
  },
});
