{{/* Returns the labels of an object. Takes a dict: root, component. */}}
{{- define "woocommerce.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "woocommerce.podLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{/*
Returns the labels of a pod. They contain no version: a new chart version must not restart a database.
Takes a dict: root, component.
*/}}
{{- define "woocommerce.podLabels" -}}
{{ include "woocommerce.selectorLabels" . }}
app.kubernetes.io/part-of: store
store-platform.dev/store-id: {{ .root.Values.store.id | quote }}
store-platform.dev/engine: woocommerce
{{- end }}

{{/* Returns the selector labels. They never change, because selectors are immutable. Takes a dict: root, component. */}}
{{- define "woocommerce.selectorLabels" -}}
app.kubernetes.io/name: woocommerce
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/*
Returns the label and the annotations that keep a service mesh from adding its proxy to a pod that must end: the proxy would run on, so
the pod would never end. Istio reads the label, and its versions before 1.10 the annotation. Linkerd reads an annotation.
*/}}
{{- define "woocommerce.noMeshLabels" -}}
sidecar.istio.io/inject: 'false'
{{- end }}
{{- define "woocommerce.noMeshAnnotations" -}}
sidecar.istio.io/inject: 'false'
linkerd.io/inject: disabled
{{- end }}

{{/*
Returns an image reference. A digest in the values wins over the one in digests.json, which `npm run images -- lock` writes; without
both it contains the tag. `imageRegistry` precedes a repository that names no registry. Takes a dict: root, image.
*/}}
{{- define "woocommerce.image" -}}
{{- $values := .root.Values -}}
{{- $repository := .image.repository -}}
{{- $tag := .image.tag | default .root.Chart.AppVersion -}}
{{- $locked := .root.Files.Get "digests.json" | fromJson -}}
{{- $digest := .image.digest | default (get $locked (printf "%s:%s" $repository $tag)) -}}
{{- $name := $repository -}}
{{- if and $values.imageRegistry (not (regexMatch "^([^/]*[.:][^/]*|localhost)/" $repository)) -}}
{{- $name = printf "%s/%s" $values.imageRegistry $repository -}}
{{- end -}}
{{- if $digest -}}
{{ $name }}@{{ $digest }}
{{- else if $values.requireDigests -}}
{{ fail (printf "the image %s:%s has no digest: set its digest, or run npm run images -- lock" $name $tag) }}
{{- else -}}
{{ $name }}:{{ $tag }}
{{- end -}}
{{- end }}

{{- define "woocommerce.publicUrl" -}}
{{- $store := .Values.store -}}
{{- $default := ternary 443 80 (eq $store.scheme "https") -}}
{{ $store.scheme }}://{{ $store.host }}{{ if ne (int $store.port) $default }}:{{ int $store.port }}{{ end }}
{{- end }}

{{/* Returns the fields that every pod spec has in common. Takes a dict: root, user, group. */}}
{{- define "woocommerce.podBasics" -}}
serviceAccountName: store
automountServiceAccountToken: false
# Service links set variables such as DB_PORT, which would override settings of the programs.
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user }}
  runAsGroup: {{ .group }}
  fsGroup: {{ .group }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "woocommerce.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{/*
Returns the pod affinity for a ReadWriteOnce volume. It can be mounted on one node only, so all its pods run there, including the
surge pod of a rollout.
*/}}
{{- define "woocommerce.uploadsAffinity" -}}
{{- if ne .Values.uploads.accessMode "ReadWriteMany" -}}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            app.kubernetes.io/instance: {{ .Release.Name }}
            store-platform.dev/volume: uploads
{{- end }}
{{- end }}

{{/* Returns the volume mounts of a container that runs WordPress: secrets, uploads and temporary files. */}}
{{- define "woocommerce.mounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: secrets, mountPath: /run/secrets/store, readOnly: true }
- { name: uploads, mountPath: /var/www/html/wp-content/uploads }
{{- end }}

{{/* Returns the volumes for these mounts. Only the setup Job gets the admin's password. Takes a dict: root, admin. */}}
{{- define "woocommerce.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 512Mi }
- name: uploads
  persistentVolumeClaim: { claimName: uploads }
- name: secrets
  secret:
    secretName: {{ .root.Values.existingSecret }}
    defaultMode: 0440
    items:
      - { key: db-password, path: db-password }
      - { key: auth-key, path: auth-key }
      - { key: secure-auth-key, path: secure-auth-key }
      - { key: logged-in-key, path: logged-in-key }
      - { key: nonce-key, path: nonce-key }
      - { key: auth-salt, path: auth-salt }
      - { key: secure-auth-salt, path: secure-auth-salt }
      - { key: logged-in-salt, path: logged-in-salt }
      - { key: nonce-salt, path: nonce-salt }
      {{- if .admin }}
      - { key: admin-user, path: admin-user }
      - { key: admin-password, path: admin-password }
      {{- end }}
{{- end }}

{{/* Returns a container that runs a shell script with the SQL client. Takes a dict: root, name, script. */}}
{{- define "woocommerce.sqlStep" -}}
{{- $ := .root -}}
- name: {{ .name }}
  image: {{ include "woocommerce.image" (dict "root" $ "image" $.Values.db.image) }}
  imagePullPolicy: {{ $.Values.db.image.pullPolicy }}
  command:
    - sh
    - -ec
    - |
      {{- .script | nindent 6 }}
  env:
    - name: MYSQL_PWD
      valueFrom:
        secretKeyRef: { name: {{ $.Values.existingSecret }}, key: db-password }
  resources:
    {{- toYaml $.Values.waiter.resources | nindent 4 }}
  securityContext:
    {{- include "woocommerce.containerSecurity" $ | nindent 4 }}
{{- end }}

{{- define "woocommerce.sqlClient" -}}
mariadb --host=db --user=wordpress --skip-ssl --connect-timeout=3 --batch --skip-column-names wordpress
{{- end }}
